// The signature stage as a Worker, for the verdict of workerd's own cryptography.

import { askStage, type StageRequest } from './signature-stage.ts'

export default {
  fetch: async (request: Request): Promise<Response> =>
    Response.json(await askStage((await request.json()) as StageRequest)),
}
