"""What the elements of a DICOM header mean for the identity of a patient: a stated subset of PS3.15, table E.1-1.

The Basic Application Level Confidentiality Profile gives each attribute an action: X remove, Z empty (or a dummy), D a dummy,
U another UID, the same for the same. The table of the standard has several hundred lines, of which those that scanners fill in
stand here; where the standard leaves a choice (X/Z/D), the first is taken. Private elements, and dates and times of any name,
are covered by kind and not by name.
"""

from __future__ import annotations

REMOVE, EMPTY, DUMMY, REPLACE = "X", "Z", "D", "U"

_REMOVED = """
AcquisitionComments AcquisitionDeviceProcessingDescription AcquisitionProtocolDescription ActualHumanPerformersSequence
AdditionalPatientHistory AddressTrial AdmissionID AdmittingDiagnosesDescription Allergies BranchOfService CassetteID
ContributionDescription CountryOfResidence CurrentPatientLocation DerivationDescription DetectorID DeviceSerialNumber
DeviceDescription EthnicGroup GantryID GeneratorID HumanPerformerName IdentifyingComments ImageComments
InstitutionAddress InstitutionalDepartmentName InstitutionName InsurancePlanIdentification IssuerOfPatientID
MedicalAlerts MedicalRecordLocator MilitaryRank NameOfPhysiciansReadingStudy NamesOfIntendedRecipientsOfResults Occupation
OperatorsName OrderCallbackPhoneNumber OrderEnteredBy OriginalAttributesSequence OtherPatientIDs OtherPatientIDsSequence
OtherPatientNames PatientAddress PatientAge PatientBirthName PatientComments PatientInsurancePlanCodeSequence
PatientMotherBirthName PatientReligiousPreference PatientSize PatientState PatientTelephoneNumbers PatientWeight
PerformedProcedureStepDescription PerformedProcedureStepID PerformingPhysicianName PhysiciansOfRecord PlateID
PregnancyStatus ProtocolName ReasonForStudy ReferencedPatientSequence ReferencedStudySequence ReferringPhysicianAddress
ReferringPhysicianTelephoneNumbers RegionOfResidence RequestAttributesSequence RequestedProcedureDescription
RequestingPhysician RequestingService ResponsiblePerson SeriesDescription ServiceEpisodeDescription SmokingStatus
SourceImageSequence SpecialNeeds StationName StudyComments StudyDescription TimezoneOffsetFromUTC VisitComments
""".split()
_EMPTIED = "AccessionNumber PatientBirthDate PatientID PatientName PatientSex ReferringPhysicianName StudyID".split()
_DUMMY = ["ContentCreatorName", "FillerOrderNumberImagingServiceRequest", "PlacerOrderNumberImagingServiceRequest"]
_REPLACED = """
FrameOfReferenceUID MediaStorageSOPInstanceUID ReferencedSOPInstanceUID SeriesInstanceUID SOPInstanceUID StudyInstanceUID
""".split()

BASIC_PROFILE = (
    dict.fromkeys(_REMOVED, REMOVE)
    | dict.fromkeys(_EMPTIED, EMPTY)
    | dict.fromkeys(_DUMMY, DUMMY)
    | dict.fromkeys(_REPLACED, REPLACE)
)
"""Keyword of an attribute to the action of the profile."""

MAY_STAY = frozenset(
    """
    SpecificCharacterSet ImageType SOPClassUID Modality Manufacturer ManufacturerModelName BodyPartExamined Laterality
    InstanceNumber SeriesNumber AcquisitionNumber SliceThickness SpacingBetweenSlices SliceLocation ImagePositionPatient
    ImageOrientationPatient PixelSpacing ImagerPixelSpacing KVP ExposureTime XRayTubeCurrent Exposure ConvolutionKernel
    SamplesPerPixel PhotometricInterpretation PlanarConfiguration NumberOfFrames Rows Columns BitsAllocated BitsStored HighBit
    PixelRepresentation PixelPaddingValue SmallestImagePixelValue LargestImagePixelValue PixelAspectRatio BurnedInAnnotation
    RescaleSlope RescaleIntercept RescaleType WindowCenter WindowWidth VOILUTFunction LUTDescriptor LUTData
    ModalityLUTSequence VOILUTSequence PresentationLUTShape LossyImageCompression LossyImageCompressionRatio
    RedPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableDescriptor BluePaletteColorLookupTableDescriptor
    RedPaletteColorLookupTableData GreenPaletteColorLookupTableData BluePaletteColorLookupTableData
    SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence PixelMeasuresSequence PlanePositionSequence
    PlaneOrientationSequence FrameVOILUTSequence PixelValueTransformationSequence PixelData
    """.split()
)
"""Keywords that say how to see the picture, or which machine made it, and nothing about a person."""
