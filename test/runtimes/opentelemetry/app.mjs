import 'reflect-metadata';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import * as microservices from '@nestjs/microservices';
import * as freelance from 'nestjs-freelance';
import service from './service.cjs';

const { sdk } = await import(process.argv[2]);
await service.start({ common, core, microservices, freelance, sdk });
