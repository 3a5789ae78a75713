import { writeFileSync } from 'node:fs';
import { manifest, manifestPath } from './manifest';

writeFileSync(manifestPath, manifest());
console.log('example/deployment.yaml is current');
