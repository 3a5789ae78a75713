import { confOf } from '../testing/conf-of';

const both = { gatewayConfig: {}, leafnodeConfig: {} };

describe('a system account', () => {
  it('is written for gateways beside leaf nodes, as servers insist on one', () => {
    expect(confOf(both)).toMatchObject({ accounts: { $SYS: {} }, system_account: '$SYS' });
  });

  it('is not written for one of them alone', () => {
    for (const spec of [{ gatewayConfig: {} }, { leafnodeConfig: {} }]) {
      expect(confOf(spec)).not.toHaveProperty('system_account');
      expect(confOf(spec)).not.toHaveProperty('accounts');
    }
  });

  it('is the one that the free configuration names', () => {
    const config = { accounts: { ADMIN: {} }, system_account: 'ADMIN' };
    expect(confOf({ ...both, config })).toMatchObject({ accounts: { ADMIN: {} }, system_account: 'ADMIN' });
  });
});
