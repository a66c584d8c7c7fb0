// The same with more lives.
import './clock-steps.property.test.ts'
