package typet

// Tags of the fields that a message is made of.
const (
	tagDestination = 0x0006
	tagAddress     = 0x0007
	tagHost        = 0x0008
	tagKernel      = 0x000b
	tagConnType    = 0x0011
	tagRelease     = 0x0012
	tagPatch       = 0x0013
	tagStart       = 0x0101
	tagFunction    = 0x0102
	tagProtocol    = 0x0103
	tagAbilities   = 0x0106
	tagUser        = 0x0111
	tagClient      = 0x0114
	tagLanguage    = 0x0115
	tagProgram     = 0x0130
	tagLogonStatus = 0x0161
	tagName        = 0x0201
	tagValue       = 0x0203
	tagWanted      = 0x0205
	tagTable       = 0x0301
	tagTableHead   = 0x0302
	tagRow         = 0x0303
	tagShortRow    = 0x0304 // without its last bytes, where they repeat
	tagLZ          = 0x0305
	tagLZEnd       = 0x0306
	tagTableNumber = 0x0331
	tagDeltaHead   = 0x0333
	tagDeltaRows   = 0x0334
	tagTableNote   = 0x0335
	tagTableEnd    = 0x0336
	tagLogonMark   = 0x0337
	tagException   = 0x0401
	tagText        = 0x0402
	tagRuntime     = 0x0403
	tagSuccess     = 0x0420
	tagReply       = 0x0500
	tagUnicode     = 0x0501
	tagCall        = 0x0502
	tagReplyBegin  = 0x0503
	tagContext     = 0x0512
	tagMetric      = 0x0667
	tagXML         = 0x3c02
	tagXMLData     = 0x3c05
	tagFast        = 0x5001
	tagEnd         = 0xffff
)
