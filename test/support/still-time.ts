// Time stands still in the projects `unit` and `edges`: `Date` stays at the second in which the file started, and no
// timeout fires by itself. The Worker under test does the same in workerd (test/edges/worker-entry.ts). Tests that need
// real time are in test/system.

import { vi } from 'vitest'
import { holdTimeouts } from './time.ts'

vi.useFakeTimers({ toFake: ['Date'], now: Math.floor(Date.now() / 1_000) * 1_000 })
holdTimeouts()
