"""What the elements of a DICOM header mean for the identity of a patient: PS3.15 (2026c), table E.1-1, and what may stay.

The Basic Application Level Confidentiality Profile gives each attribute an action: X remove, Z empty (or a dummy), D a dummy,
U another UID, the same for the same. Where the standard leaves a choice (X/Z/D), the first is taken. The table stands in
``confidentiality_profile.csv``, as far as its attributes have a keyword in the data dictionary of the installed pydicom. Private
elements, elements that the dictionary does not know, names of persons, UIDs, and dates and times are covered by kind and not by
name.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path

TABLE = Path(__file__).with_suffix(".csv")
REMOVE, EMPTY, DUMMY, REPLACE = "X", "Z", "D", "U"

MAY_STAY = frozenset(
    """
    SpecificCharacterSet ImageType SOPClassUID Modality Manufacturer ManufacturerModelName BodyPartExamined Laterality
    InstanceNumber SeriesNumber AcquisitionNumber SliceThickness SpacingBetweenSlices SliceLocation ImagePositionPatient
    ImageOrientationPatient PixelSpacing ImagerPixelSpacing KVP ExposureTime XRayTubeCurrent Exposure ConvolutionKernel
    SamplesPerPixel PhotometricInterpretation PlanarConfiguration NumberOfFrames FrameIncrementPointer ConversionType Rows Columns
    BitsAllocated BitsStored HighBit PixelRepresentation PixelPaddingValue SmallestImagePixelValue LargestImagePixelValue
    PixelAspectRatio BurnedInAnnotation RescaleSlope RescaleIntercept RescaleType WindowCenter WindowWidth VOILUTFunction
    LUTDescriptor LUTData ModalityLUTSequence VOILUTSequence PresentationLUTShape LossyImageCompression LossyImageCompressionRatio
    RedPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableDescriptor BluePaletteColorLookupTableDescriptor
    RedPaletteColorLookupTableData GreenPaletteColorLookupTableData BluePaletteColorLookupTableData
    SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence PixelMeasuresSequence PlanePositionSequence
    PlaneOrientationSequence FrameVOILUTSequence PixelValueTransformationSequence PageNumberVector PixelData
    """.split()
)
"""Keywords that say how to see the picture, or which machine made it, and nothing about a person."""


@functools.cache
def basic_profile() -> Mapping[str, str]:
    """Keyword of an attribute to the action of the profile."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["attribute"]: row["action"] for row in csv.DictReader(file)}
