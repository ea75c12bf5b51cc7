// The signature stage as a Worker, so that workerd's own cryptography gives the verdict.

import { askStage, type StageRequest } from './signature-stage.ts'

export default {
  fetch: async (request: Request): Promise<Response> =>
    Response.json(await askStage((await request.json()) as StageRequest)),
}
