// Five ways to write the policy that look right and are not, kept so that the property is known to notice them. Each
// takes the right answer and spoils it in its way. All of them stand behind a TOKEN authorizer whose answers are kept.

import { planTable } from '../../../functions/aws/table/policy.ts'
import { resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'
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
  /** The strategy that it spoils. Of tables, only those that pass the proof are tried. */
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

/** The patterns that shut a route which the pattern of another one takes in. */
function siblingDenies(config: LanekeeperConfig): Set<string> {
  const planned = planTable(resolveConfig(config).routes)
  if (!('plan' in planned)) throw new Error('these routes have no plan')
  return new Set(planned.plan.filter(({ coveredBy }) => coveredBy.length > 0).map(({ shut }) => shut))
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
    name: 'no Deny for a sibling',
    wrongly: 'allowed',
    strategy: 'table',
    compile(right, config) {
      const shut = siblingDenies(config)
      return spoil((statement) => {
        if (statement.Effect === 'Allow') return [statement]
        const kept = listOf(statement.Resource).filter(
          (resource) => !shut.has(resource.split('/').slice(2).join('/')),
        )
        return kept.length === 0 ? [] : [{ ...statement, Resource: kept }]
      })(right)
    },
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
