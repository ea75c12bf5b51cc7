// The signature stage and the canonical form of URLs as a Worker, for the verdict of workerd.

import { canonicalUrl } from '../../shared/sender/dpop/htu.ts'
import { runStage, type StageRequest } from './signature-stage.ts'

export default {
  async fetch(request: Request): Promise<Response> {
    const question = (await request.json()) as StageRequest | { readonly url: string }
    return Response.json('url' in question ? canonicalUrl(question.url) : await runStage(question))
  },
}
