// `lanekeeper/cdk`: constructs for AWS CDK that deploy what `lanekeeper build --edge aws` has written, with the settings
// that its configuration needs. docs/deploying.md. Needs `aws-cdk-lib` and `constructs` in the app's project.

export { ACCESS_LOG_FORMAT } from './access-log.ts'
export type { LanekeeperAuthorizerProps } from './authorizer-function.ts'
export type { LanekeeperFunctionProps } from './function.ts'
export { LanekeeperHttpAuthorizer, type LanekeeperHttpAuthorizerProps } from './http-authorizer.ts'
export { LanekeeperLogout, LanekeeperMetadata } from './other-functions.ts'
export { DeploymentError } from './problems.ts'
export { LanekeeperRestAuthorizer, type LanekeeperRestAuthorizerProps } from './rest-authorizer.ts'
export {
  LanekeeperWebSocketAuthorizer,
  type LanekeeperWebSocketAuthorizerProps,
} from './web-socket-authorizer.ts'
