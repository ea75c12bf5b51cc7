// dist/lambda/authorizer.handler of serverless.yml: an API Gateway authorizer with lanekeeper.config.ts. Every module
// in this directory becomes a function of the deployment package.

import config from '../../../lanekeeper.config.ts'
import { createHandler } from '../../../functions/aws/handler.ts'

export const handler = createHandler(config, process.env)
