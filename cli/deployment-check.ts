// Compares the packaged CloudFormation with the configuration: the lifetime and the cache key of each authorizer's
// answers, its strategy, API routes without a rule, and rules without an API route. Every finding names the authorizer,
// route, rule or function that it is about, and ends with the remedy. Changes nothing.

import { describeClash } from '../functions/aws/table/proof.ts'
import { planTable } from '../functions/aws/table/plan.ts'
import type { Model } from '../local/api-gateway/model.ts'
import type { ResolvedAuthorizer, ResolvedConfig } from '../shared/index.ts'
import { routesOf, type ApiRoute, type Apis } from './api-routes.ts'
import {
  authorizersOf,
  checkAnswer,
  checkKey,
  checkTablePatterns,
  checkReportOnly,
  checkStrong,
  checkToken,
  noteRevocation,
} from './authorizer-check.ts'
import { findingsIn, type DeploymentFinding } from './deployment-finding.ts'
import { checkRoute, checkRule, findMethodTypos } from './route-check.ts'
import { checkSender, keepsBound } from './sender-check.ts'

/**
 * Finds authorizer functions whose stage is not the one the template was packaged for. `stage`: `undefined` if the
 * configuration has no stages. `mayBeUnset`: what `lanekeeper build` writes holds one stage and needs no variable.
 */
export function checkStage(
  model: Model,
  stage: string | undefined,
  { file = 'serverless.yml', mayBeUnset = false } = {},
): readonly DeploymentFinding[] {
  const ids = new Set(authorizersOf(model).map(({ authorizer }) => authorizer.functionId))
  return model.functions
    .filter(({ logicalId }) => ids.has(logicalId))
    .flatMap(({ logicalId, environment: { LANEKEEPER_STAGE: functionStage } }): DeploymentFinding[] => {
      if (functionStage === stage || (mayBeUnset && functionStage === undefined)) return []
      const at = { logicalId, property: 'Environment.Variables.LANEKEEPER_STAGE' }
      const shown =
        typeof functionStage === 'object' ? 'that only the deployment knows' : String(functionStage)
      const message =
        stage === undefined
          ? `is deployed with LANEKEEPER_STAGE ${shown}, and the configuration has no stages; take it out of ${file}`
          : `is deployed to the stage ${stage} with LANEKEEPER_STAGE ${functionStage === undefined ? 'not set' : shown}; set it in ${file}`
      return [{ severity: 'problem', subject: `function ${logicalId}`, message, at }]
    })
}

/** `nameOf` returns the LANEKEEPER_AUTHORIZER of a function. */
export function checkDeployment(
  model: Apis,
  config: ResolvedConfig,
  nameOf: (functionId: string) => string | undefined,
): readonly DeploymentFinding[] {
  const findings: DeploymentFinding[] = []
  const findAt = findingsIn(findings)

  const routes = routesOf(model)
  for (const apiAuthorizer of authorizersOf(model)) {
    const { logicalId, functionId } = apiAuthorizer.authorizer
    const name = nameOf(functionId)
    const find = findAt(`${apiAuthorizer.kind} authorizer ${logicalId}`, logicalId)
    const settings = name ? config.aws.authorizers.get(name) : config.aws
    if (settings === undefined) {
      find(
        'problem',
        config.aws.authorizers.size === 0
          ? `runs with LANEKEEPER_AUTHORIZER ${name}, and the configuration has no aws.authorizers; add aws: { authorizers: { ${name}: {} } }, or take the variable out`
          : `runs with LANEKEEPER_AUTHORIZER ${name}, and aws.authorizers has no such entry; add it`,
      )
      continue
    }
    checkSender(apiAuthorizer, settings, routes, config, find)
    if (!keepsBound(apiAuthorizer, settings, config)) checkKey(apiAuthorizer, settings, find)
    checkToken(apiAuthorizer, settings, find)
    checkAnswer(apiAuthorizer, settings, find)
    checkReportOnly(apiAuthorizer, routes, config, find)
    checkStrong(apiAuthorizer, routes, config, find)
    noteRevocation(apiAuthorizer, settings, config, find)
    checkTablePatterns(apiAuthorizer, settings, routes, config, findAt)
  }
  const typos = findMethodTypos(config, routes)
  // Of a WebSocket API only the handshake has an authorizer.
  const isChecked = ({ api, name, authorizer }: ApiRoute) =>
    api !== 'WebSocket' || (name === '$connect' && authorizer !== undefined)
  for (const route of routes.filter(isChecked))
    checkRoute(route, config, typos, findAt(`${route.api} route ${route.name}`, route.logicalId))
  for (const rule of config.routes) checkRule(rule, routes, typos, findAt(`rule ${rule.name}`))
  return findings
}

/** Why the table strategy cannot be used, if an authorizer has it. */
export function checkTables(config: ResolvedConfig): readonly DeploymentFinding[] {
  const authorizers: [string, ResolvedAuthorizer][] = [['aws', config.aws], ...config.aws.authorizers]
  if (!authorizers.some(([, { strategy }]) => strategy === 'table')) return []
  const tablePlan = planTable(config)
  if ('plan' in tablePlan) return []
  const names = authorizers.filter(([, { strategy }]) => strategy === 'table').map(([name]) => name)
  return tablePlan.clashes.map((clash) => ({
    severity: 'problem',
    subject: `strategy of ${names.join(', ')}`,
    message: `${describeClash(clash)}; use exact`,
  }))
}
