import { ApiError, asApiError } from './api-error';

const call = 'patch Pod default/nats';
const answer = (status: number, body: object | string, retryAfter?: string) =>
  ApiError.fromAnswer(call, status, typeof body === 'string' ? body : JSON.stringify(body), retryAfter);

describe('an error of the API server', () => {
  it('names the call, and says what the API server said', () => {
    const error = answer(409, { reason: 'Conflict', message: 'the object has been modified' });
    expect(error.message).toBe('patch Pod default/nats: the object has been modified');
    expect(error).toMatchObject({ status: 409, reason: 'Conflict', conflict: true, notFound: false, transient: false });
  });

  it('never repeats a body that is not a Status, which may be anything', () => {
    const error = answer(502, '<html>password=hunter2</html>');
    expect(error.message).toBe('patch Pod default/nats: HTTP 502');
    expect(error.reason).toBe('HTTP 502');
  });

  it.each([
    ['in the header', {}, '7', 7],
    ['in the Status', { details: { retryAfterSeconds: 3 } }, undefined, 3],
    ['nowhere', {}, undefined, undefined],
    ['as a date, which API servers do not send', {}, 'Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('knows when to come back: %s', (_, body, header, seconds) => {
    expect(answer(429, body, header).retryAfter).toBe(seconds);
  });

  it.each([
    [410, {}, true],
    [500, { reason: 'Expired' }, true],
    [504, { details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } }, true],
    [504, {}, false],
    [404, {}, false],
  ])('of status %s %j wants a new list: %s', (status, body, expired) => {
    expect(answer(status, body).expired).toBe(expired);
  });

  it.each([
    [429, true],
    [500, true],
    [503, true],
    [400, false],
    [403, false],
    [409, false],
    [422, false],
  ])('of status %s may pass: %s', (status, transient) => {
    expect(answer(status, {}).transient).toBe(transient);
  });

  it('may be that no answer came, which may pass', () => {
    const error = ApiError.fromNetwork(call, Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' }));
    expect(error).toMatchObject({ status: 0, reason: 'ECONNREFUSED', transient: true });
    expect(error.message).toBe('patch Pod default/nats: connect refused');
  });

  it('is told from other errors', () => {
    expect(asApiError(answer(500, {}))).toBeInstanceOf(ApiError);
    expect(asApiError(new Error('a bug'))).toBeUndefined();
    expect(asApiError(undefined)).toBeUndefined();
  });
});
