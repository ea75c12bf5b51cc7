// Five ways to write the policy that look right and are not, kept so that the property is known to notice them. Each
// takes the right answer and spoils it in its way. All of them stand behind a TOKEN authorizer whose answers are kept.

import type { TablePlan } from '../../../functions/aws/table/proof.ts'
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
  /** Whether it spoils a table, so that only tables that pass the proof are tried. */
  readonly needsTable: boolean
  compile(right: Handler, plan: TablePlan | null): Handler
}

const listOf = (resource: string | string[]): string[] => (Array.isArray(resource) ? resource : [resource])

/** Changes the statements of an answer. */
const spoil =
  (change: (statement: Statement, plan: TablePlan) => Statement[]) =>
  (right: Handler, plan: TablePlan | null): Handler =>
  async (event) => {
    const answer = (await right(event)) as Policy
    const statements = answer.policyDocument.Statement.flatMap((each) => change(each, plan ?? []))
    return { ...answer, policyDocument: { ...answer.policyDocument, Statement: statements } }
  }

const stageOf = (resource: string): string => resource.split('/').slice(0, 2).join('/')

export const WRONG_COMPILERS: readonly WrongCompiler[] = [
  {
    name: 'a policy for one request, kept under the token alone',
    wrongly: 'denied',
    needsTable: false,
    compile: (right) => right,
  },
  {
    name: 'a policy for "*"',
    wrongly: 'allowed',
    needsTable: false,
    compile: spoil((statement) =>
      statement.Effect === 'Deny'
        ? [statement]
        : [{ ...statement, Resource: `${stageOf(listOf(statement.Resource)[0]!)}/*` }],
    ),
  },
  {
    name: 'no Deny for a sibling',
    wrongly: 'allowed',
    needsTable: true,
    compile: spoil((statement, plan) => {
      if (statement.Effect === 'Allow') return [statement]
      const shut = new Set(plan.filter(({ coveredBy }) => coveredBy.length > 0).map((rule) => rule.shut))
      const kept = listOf(statement.Resource).filter(
        (resource) => !shut.has(resource.split('/').slice(2).join('/')),
      )
      return kept.length === 0 ? [] : [{ ...statement, Resource: kept }]
    }),
  },
  {
    name: 'a verb "*"',
    wrongly: 'allowed',
    needsTable: true,
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
    needsTable: false,
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
