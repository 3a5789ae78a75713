import { writeFileSync } from 'node:fs';
import { manifest, manifestPath, namespacedPath, namespacedRights } from './manifest';

writeFileSync(manifestPath, manifest());
writeFileSync(namespacedPath, namespacedRights());
console.log('example/deployment.yaml and deploy/namespaced.yaml are current');
