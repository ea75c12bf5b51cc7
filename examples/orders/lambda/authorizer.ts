// dist/lambda/authorizer.handler, which serverless.yml deploys: lanekeeper.config.ts as an API Gateway authorizer. Every
// module beside it becomes a function of the deployment package.

import config from '../../../lanekeeper.config.ts'
import { createHandler } from '../../../functions/aws/handler.ts'

export const handler = createHandler(config, process.env)
