export { countedCodes, runVectorFiles, runVectors, type VectorReport } from './run.js'
export { type Expectation, type VectorCase, type VectorFile, type Verdict, vectorFormat } from './vector-case.js'
