// An edge Worker of the drill: its artefact, after edge-globals.ts. Each answer has the code of its decision, and why a
// proof was invalid, in fields of its own.

import { CODE_FIELD, PROBLEM_FIELD } from '../answer.ts'
import { takeDecision } from './edge-globals.ts'

// @ts-expect-error -- what `lanekeeper build` wrote for this run.
import artefact from 'artefact-of-the-drill'

type Handler = { fetch(request: Request, env: unknown, context: unknown): Promise<Response> }

export default {
  async fetch(request: Request, env: unknown, context: unknown) {
    const answer = await (artefact as Handler).fetch(request, env, context)
    const decision = takeDecision(request.headers.get('cf-ray') ?? '')
    const response = new Response(answer.body, answer)
    response.headers.set(CODE_FIELD, decision?.code ?? '')
    response.headers.set(PROBLEM_FIELD, String(decision?.detail?.['problem'] ?? ''))
    return response
  },
}
