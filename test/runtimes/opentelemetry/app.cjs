require('reflect-metadata');
const common = require('@nestjs/common');
const core = require('@nestjs/core');
const microservices = require('@nestjs/microservices');
const freelance = require('nestjs-freelance');
const service = require('./service.cjs');

const { sdk } = require(process.argv[2]);
void service.start({ common, core, microservices, freelance, sdk });
