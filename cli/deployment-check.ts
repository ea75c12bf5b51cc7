// Do serverless.yml and lanekeeper.config.ts say the same? Compares the model of the packaged CloudFormation with the
// configuration: what authorizers keep and under what, which strategy fits, which routes of an API have no rule, and
// which rules no route leads to. Every finding names its place and the remedy. Reads and compares; changes nothing.

import { describeClash } from '../functions/aws/table/proof.ts'
import { planTable } from '../functions/aws/table/policy.ts'
import type { ResolvedAuthorizer, ResolvedConfig } from '../shared/index.ts'
import type { Model } from '../local/api-gateway/model.ts'
import { routesOf } from './api-routes.ts'
import {
  authorizersOf,
  checkAnswer,
  checkKey,
  checkNameable,
  checkReportOnly,
  checkToken,
} from './authorizer-check.ts'
import type { DeploymentFinding, Find } from './deployment-finding.ts'
import { checkRoute, checkRule, findMisspelled } from './route-check.ts'

/** Whether the functions behind the authorizers run the stage that the template was packaged for. `undefined`: there are no stages. */
export function checkStage(model: Model, stage: string | undefined): readonly DeploymentFinding[] {
  const ids = new Set(authorizersOf(model).map(({ authorizer }) => authorizer.functionId))
  return model.functions
    .filter(({ logicalId }) => ids.has(logicalId))
    .flatMap(({ logicalId, environment: { LANEKEEPER_STAGE: runs } }) =>
      runs === stage
        ? []
        : {
            weight: 'problem' as const,
            place: `function ${logicalId}`,
            message:
              stage === undefined
                ? `is deployed with LANEKEEPER_STAGE ${String(runs)}, and the configuration has no stages; take it out of serverless.yml`
                : `is deployed to the stage ${stage} with LANEKEEPER_STAGE ${String(runs ?? 'not set')}; set it in serverless.yml`,
          },
    )
}

/** `nameOf`: the LANEKEEPER_AUTHORIZER of a function, or nothing. */
export function checkDeployment(
  model: Model,
  config: ResolvedConfig,
  nameOf: (functionId: string) => string | undefined,
): readonly DeploymentFinding[] {
  const findings: DeploymentFinding[] = []
  const at =
    (place: string): Find =>
    (weight, message) =>
      void findings.push({ weight, place, message })

  const routes = routesOf(model)
  for (const guarded of authorizersOf(model)) {
    const { logicalId, functionId } = guarded.authorizer
    const name = nameOf(functionId)
    const find = at(`${guarded.kind} authorizer ${logicalId}`)
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
    checkKey(guarded, settings, find)
    checkToken(guarded, settings, find)
    checkAnswer(guarded, settings, find)
    checkReportOnly(guarded, routes, config, find)
    checkNameable(guarded, settings, routes, config, at)
  }
  const misspelled = findMisspelled(config, model, routes)
  for (const route of routes.filter(({ api }) => api !== 'WebSocket'))
    checkRoute(route, config, misspelled, at(`${route.api} route ${route.name}`))
  for (const rule of config.routes) checkRule(rule, model, routes, misspelled, at(`rule ${rule.name}`))
  return findings
}

/** What stands against the table strategy, where an authorizer has it. */
export function checkTables(config: ResolvedConfig): readonly DeploymentFinding[] {
  const named: [string, ResolvedAuthorizer][] = [['aws', config.aws], ...config.aws.authorizers]
  if (!named.some(([, { strategy }]) => strategy === 'table')) return []
  const planned = planTable(config)
  if ('plan' in planned) return []
  const places = named.filter(([, { strategy }]) => strategy === 'table').map(([name]) => name)
  return planned.clashes.map((clash) => ({
    weight: 'problem',
    place: `strategy of ${places.join(', ')}`,
    message: `${describeClash(clash)}; use exact`,
  }))
}
