// Runs the functions of a template from the unpacked deployment package as Lambda does: each in a process of its own,
// which inherits only PATH from this process (Lambda developer guide, "Lambda runtimes", "Defined runtime environment
// variables"). Functions get no AWS credentials. Memory limits, freezing and parallel environments are not emulated.

import { resolve } from 'node:path'
import { functionArn, REGION } from './cloud-formation.ts'
import type { InvokeFunction } from './invocation.ts'
import { createLambdaProcess, type LambdaProcess } from './lambda-process.ts'
import type { LambdaFunction } from './model.ts'
import { readEnvironment, readFunctions } from './template.ts'

export interface LambdaRuntimeOptions {
  /** Parsed CloudFormation JSON. */
  template: unknown
  /** The directory of the unpacked deployment package. */
  codeDirectory: string
  /** Overrides Environment.Variables of every function. */
  environment?: Record<string, string>
  /** Receives each line that a function writes to stdout or stderr. */
  onLog?: (functionLogicalId: string, line: string) => void
}

export interface LambdaRuntime {
  invoke: InvokeFunction
  /** Ends every process; later invocations fail. */
  close(): Promise<void>
}

/**
 * Throws TemplateError if an environment variable has no value before a deployment. Processes start with the first
 * invocation.
 */
export function createLambdaRuntime({
  template,
  codeDirectory,
  environment = {},
  onLog = () => undefined,
}: LambdaRuntimeOptions): LambdaRuntime {
  const code = resolve(codeDirectory)
  const processes = new Map<string, LambdaProcess>()
  for (const lambda of readFunctions(template)) {
    const variables = readEnvironment(template, lambda, environment)
    processes.set(
      lambda.logicalId,
      createFunction(lambda, code, variables, (line) => onLog(lambda.logicalId, line)),
    )
  }
  return {
    async invoke(functionLogicalId, event) {
      const lambdaProcess = processes.get(functionLogicalId)
      if (!lambdaProcess) throw new Error(`the template has no function ${functionLogicalId}`)
      return lambdaProcess.invoke(event)
    },
    close: async () => void (await Promise.all([...processes.values()].map((one) => one.close()))),
  }
}

/** One function, whose code is in a directory. `variables`: its environment, besides what Lambda sets. */
export function createFunction(
  lambda: Omit<LambdaFunction, 'environment'>,
  codeDirectory: string,
  variables: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): LambdaProcess {
  return createLambdaProcess({
    settings: {
      codeDirectory,
      handler: lambda.handler,
      functionName: lambda.name,
      functionArn: functionArn(lambda.name),
      memoryMegabytes: lambda.memoryMegabytes,
    },
    environment: { ...reservedVariables(lambda, codeDirectory), ...variables },
    timeoutMs: lambda.timeoutSeconds * 1000,
    onLine,
  })
}

function reservedVariables(
  lambda: Omit<LambdaFunction, 'environment'>,
  codeDirectory: string,
): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_DEFAULT_REGION: REGION,
    AWS_EXECUTION_ENV: `AWS_Lambda_${lambda.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(lambda.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_NAME: lambda.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${lambda.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: REGION,
    LAMBDA_TASK_ROOT: codeDirectory,
    _HANDLER: lambda.handler,
  }
}
