// The signature stage as a Worker, for the verdict of workerd's own cryptography.

import { runStage, type StageRequest } from './signature-stage.ts'

export default {
  fetch: async (request: Request): Promise<Response> =>
    Response.json(await runStage((await request.json()) as StageRequest)),
}
