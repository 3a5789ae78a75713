import { type AuditedWrite } from '../../e2e/cluster/control-plane/audit';
import { termsOf, trespasses } from './writer-periods';

const replicas = ['a', 'b'];

function lease(began: number, holder?: string, status = 200): AuditedWrite {
  return { user: 'a', verb: 'update', resource: 'leases', name: 'lock', began, ended: began + 1, status, holder };
}

function write(user: string, began: number, ended = began + 1): AuditedWrite {
  return { user, verb: 'patch', resource: 'services', name: 'x', began, ended, status: 200 };
}

const found = (...writes: AuditedWrite[]) =>
  trespasses(writes, replicas, 'lock').map((text) => text.split(', ').at(-1));

describe('writers by the lease', () => {
  it('are in order where the lease changes hands between their writes', () => {
    expect(
      found(lease(0, 'a_1'), write('a', 2), lease(4, 'a_1'), write('a', 6), lease(8, 'b_2'), write('b', 10)),
    ).toEqual([]);
  });

  it('trespass before the lease is theirs, after it went to another, and after it was given away', () => {
    const late = [lease(0, 'a_1'), write('a', 2), lease(4, 'b_2'), write('a', 8)];
    expect(found(write('a', 0), lease(2, 'a_1'))).toEqual(['while nobody held the lease']);
    expect(found(...late)).toEqual(['while b held the lease']);
    expect(found(lease(0, 'a_1'), lease(4), write('a', 6))).toEqual(['while nobody held the lease']);
  });

  it('trespass with a write that had not ended when another took the lease', () => {
    expect(found(lease(0, 'a_1'), write('a', 2, 9), lease(4, 'b_2'))).toEqual(['while b was taking the lease']);
  });

  it('may write other things than the lease only while they hold it, but the CRDs and the lease at any time', () => {
    expect(found({ ...write('b', 1), resource: 'customresourcedefinitions' }, lease(2, 'a_1'))).toEqual([]);
    expect(found({ ...write('b', 1), resource: 'natsclusters/status' }, lease(2, 'a_1'))).toHaveLength(1);
    expect(found(write('somebody else', 1))).toEqual([]);
  });

  it('do not change with a refused write of the lease', () => {
    expect(termsOf([lease(0, 'a_1'), lease(2, 'b_2', 409), lease(4, 'a_1')], 'lock')).toEqual([
      { holder: 'a', began: 0, ended: 1 },
    ]);
  });
});
