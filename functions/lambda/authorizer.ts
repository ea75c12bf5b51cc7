// dist/lambda/authorizer.handler: the authorizer. Every module beside it becomes a function of the deployment package.

export { handler } from '../aws/index.ts'
