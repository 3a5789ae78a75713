import { natsVersions } from '../versions';
import { natsServerImage } from './archives';

const image = (version: string) => natsServerImage(version, '/built/server');

describe('the image of a NATS server', () => {
  it('has the official name of its version', () => {
    expect(natsVersions.flatMap((version) => image(version).references)).toEqual(
      natsVersions.map((version) => `nats:${version}`),
    );
  });

  it.each(natsVersions)('%s starts a file that is in it, with a config that is in it', (version) => {
    const { entrypoint, cmd, files, workingDir } = image(version);
    const paths = files.map(({ path }) => path);
    expect(paths).toContain(entrypoint[0]);
    expect(paths).toContain(`${workingDir}${cmd?.[1]}`);
  });

  it('is started by its old name before 2.0', () => {
    expect(image('1.0.4')).toMatchObject({ entrypoint: ['/gnatsd'], cmd: ['-c', 'gnatsd.conf'] });
  });

  it('finds nats-server on its search path from 2.0 on, as pods rely on that name it in command', () => {
    expect(image('2.10.29').env).toEqual([expect.stringMatching(/^PATH=.*:\/$/)]);
  });
});
