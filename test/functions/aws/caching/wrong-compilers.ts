// Five ways to write the policy that look right and are wrong, to show that the property notices each of them. Each
// takes the correct answer and changes it. All of them stand behind a TOKEN authorizer whose answers are cached.

import type { LanekeeperConfig } from '../../../../shared/index.ts'
import type { Compile } from './comparison.ts'
import type { Handler } from './gateways.ts'

interface Statement {
  Effect: 'Allow' | 'Deny'
  Resource: string | string[]
}

interface Policy {
  policyDocument: { Statement: Statement[] }
}

export interface WrongCompiler {
  readonly name: string
  readonly wrongly: 'allowed' | 'denied'
  /** The strategy that the compiler spoils. Of tables, only those that pass the proof are tried. */
  readonly strategy: 'exact' | 'table'
  readonly compile: Compile
}

const listOf = (resource: string | string[]): string[] => (Array.isArray(resource) ? resource : [resource])

/** Changes the statements of an answer. */
const spoil =
  (change: (statement: Statement) => Statement[]) =>
  (right: Handler): Handler =>
  async (event) => {
    const answer = (await right(event)) as Policy
    const statements = answer.policyDocument.Statement.flatMap(change)
    return { ...answer, policyDocument: { ...answer.policyDocument, Statement: statements } }
  }

/** The patterns of the parameterised routes that every caller may use, as if `?*` stood for a parameter. */
function parameterPatterns(config: LanekeeperConfig): string[] {
  const free = config.routes.filter(({ scope, path }) => scope === 'none' && path.includes('{'))
  return free.flatMap(({ methods, path }) =>
    methods.map((method) => `${method}${path.replaceAll(/\{[^}]*\}/g, '?*')}`),
  )
}

const stageOf = (resource: string): string => resource.split('/').slice(0, 2).join('/')

export const WRONG_COMPILERS: readonly WrongCompiler[] = [
  {
    name: 'a policy for one request, kept under the token alone',
    wrongly: 'denied',
    strategy: 'exact',
    compile: (right) => right,
  },
  {
    name: 'a policy for "*"',
    wrongly: 'allowed',
    strategy: 'exact',
    compile: spoil((statement) =>
      statement.Effect === 'Deny'
        ? [statement]
        : [{ ...statement, Resource: `${stageOf(listOf(statement.Resource)[0]!)}/*` }],
    ),
  },
  {
    name: 'a pattern for a parameter',
    wrongly: 'allowed',
    strategy: 'table',
    compile: (right, config) =>
      spoil((statement) => {
        if (statement.Effect === 'Deny') return [statement]
        const resources = listOf(statement.Resource)
        const more = parameterPatterns(config).map((pattern) => `${stageOf(resources[0]!)}/${pattern}`)
        return [{ ...statement, Resource: [...resources, ...more] }]
      })(right),
  },
  {
    name: 'a verb "*"',
    wrongly: 'allowed',
    strategy: 'table',
    compile: spoil((statement) =>
      statement.Effect === 'Deny'
        ? [statement]
        : [
            {
              ...statement,
              Resource: listOf(statement.Resource).map((resource) =>
                resource.replace(/^([^/]*\/[^/]*)\/[A-Z]+\//, '$1/*/'),
              ),
            },
          ],
    ),
  },
  {
    name: 'the path of the client in the policy as it is',
    wrongly: 'allowed',
    strategy: 'exact',
    compile: (right) => async (event) => {
      const { methodArn } = event as { methodArn: string }
      const harmless = methodArn.replaceAll('*', 'q')
      const answer = (await right({ ...(event as object), methodArn: harmless } as never)) as Policy
      const statements = answer.policyDocument.Statement.map((statement) =>
        statement.Effect === 'Allow' ? { ...statement, Resource: methodArn } : statement,
      )
      return { ...answer, policyDocument: { ...answer.policyDocument, Statement: statements } }
    },
  },
]
