// The function that `serverless.yml` deploys: lanekeeper.config.ts as an API Gateway authorizer.

import config from '../../lanekeeper.config.ts'
import { createHandler } from './handler.ts'

export const handler = createHandler(config, process.env)
