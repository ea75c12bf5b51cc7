// The minimum that a Worker in front of an origin can do.

import { passOn } from './pass-on.ts'

export default { fetch: passOn }
