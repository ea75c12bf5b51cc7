// What the functions may do with their tables. examples/revocation/table.yml and examples/bound/table.yml have the same
// rights as policies, and a test compares them.

import type { DescribedTable } from './description.ts'

/** The authorizer reads entries. The receiver of logout tokens adds entries and lines of the record, and counts. */
export const REVOCATION_RIGHTS = {
  authorizer: [{ actions: ['dynamodb:BatchGetItem'], leadingKeys: ['e#*'] }],
  logout: [
    { actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'], leadingKeys: ['e#*', 'count'] },
    { actions: ['dynamodb:PutItem'], leadingKeys: ['e#*', 'r#*', 'months'] },
    { actions: ['dynamodb:Scan'], leadingKeys: null },
  ],
} as const satisfies DescribedTable['rights']

/** The authorizer adds the name of each proof that was used. */
export const REPLAY_RIGHTS = {
  authorizer: [{ actions: ['dynamodb:PutItem'], leadingKeys: null }],
} as const satisfies DescribedTable['rights']
