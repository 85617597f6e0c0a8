package importer

// nonBlocking is not needed: there are no named pipes among the files.
const nonBlocking = 0
