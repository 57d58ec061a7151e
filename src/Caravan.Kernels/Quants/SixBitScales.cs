namespace Caravan.Kernels;

/// <summary>
/// The 12 bytes in which Q4_K and Q5_K keep eight 6-bit scales and eight 6-bit minima.
/// <code>
/// byte 0..3    bits 0-5: scale 0..3       bits 6-7: upper two bits of scale 4..7
/// byte 4..7    bits 0-5: minimum 0..3     bits 6-7: upper two bits of minimum 4..7
/// byte 8..11   bits 0-3: lower four bits of scale 4..7     bits 4-7: lower four bits of minimum 4..7
/// </code>
/// </summary>
internal static unsafe class SixBitScales
{
    /// <summary>Bytes taken.</summary>
    internal const int Bytes = 12;

    internal static void Pack(byte* scales, byte* minima, byte* packed)
    {
        for (int i = 0; i < 4; i++)
        {
            packed[i] = (byte)(scales[i] | scales[i + 4] >> 4 << 6);
            packed[i + 4] = (byte)(minima[i] | minima[i + 4] >> 4 << 6);
            packed[i + 8] = (byte)((scales[i + 4] & 15) | minima[i + 4] << 4);
        }
    }

    internal static (int Scale, int Minimum) Read(byte* packed, int group)
    {
        if (group < 4) return (packed[group] & 63, packed[group + 4] & 63);
        int lower = packed[group + 4];
        return ((lower & 15) | packed[group - 4] >> 6 << 4, lower >> 4 | packed[group] >> 6 << 4);
    }
}
