// Part: the check of requests that another Worker or a program makes.

import { createRequestCheck } from '../request/read-request.ts'
import type { Part } from './parts.ts'

export const checkRequest: Part = { checkRequest: createRequestCheck }
