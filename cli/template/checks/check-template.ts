// Everything about the APIs of a template that is compared with no rule of the configuration: who may call the
// authorizer, what its function may do, and what API Gateway answers by itself.

import type { ResolvedConfig } from '../../../shared/index.ts'
import type { Apis } from '../../api-routes.ts'
import { findingsIn, type DeploymentFinding } from '../../deployment-finding.ts'
import { createContext } from './context.ts'
import { checkDomains } from './domain-check.ts'
import { checkFunctions } from './function-check.ts'
import { checkGatewayResponses } from './gateway-response-check.ts'
import { checkPermission } from './permission-check.ts'
import { checkPreflights } from './preflight-check.ts'
import { checkRoles } from './role-check.ts'

export function checkTemplate(
  template: unknown,
  apis: Apis,
  config: ResolvedConfig,
): readonly DeploymentFinding[] {
  const findings: DeploymentFinding[] = []
  const context = createContext(template, apis, config, findingsIn(findings))
  for (const authorizer of context.authorizers) checkPermission(authorizer, context)
  checkFunctions(context)
  checkRoles(context)
  checkGatewayResponses(context)
  checkPreflights(context)
  checkDomains(context)
  return findings
}
