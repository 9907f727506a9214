// Package sapphone translates SAPphone, SAP's older telephony interface of RFC
// function modules (SPS_...), to and from the call model.
package sapphone
