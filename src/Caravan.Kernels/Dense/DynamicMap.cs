namespace Caravan.Kernels;

/// <summary>
/// The 256 numbers in [−1, 1] or [0, 1] that 8-bit optimizer states are rounded to (Dettmers et al. 2022, "8-bit Optimizers via Block-wise
/// Quantization", section 1.3): seven decades from 10⁻⁷ to 1, of which each upper one is cut into twice as many equal parts as the one below it and
/// gives their middles; 0 and 1 beside them. So small numbers keep their size, and large ones their digits.
/// </summary>
internal sealed unsafe class DynamicMap
{
    private const int Decades = 7;

    private readonly float[] values, middles;
    private readonly byte[] firstCodes = GC.AllocateUninitializedArray<byte>(1 << 16, pinned: true);

    private DynamicMap(bool signed)
    {
        List<float> numbers = [0, 1];
        for (int decade = 0; decade < Decades; decade++)
        {
            int parts = (signed ? 1 : 2) << decade;
            double top = Math.Pow(10, decade - Decades + 1);
            for (int part = 0; part < parts; part++)
            {
                float middle = (float)(top * (0.1 + (0.9 * (part + 0.5) / parts)));
                numbers.Add(middle);
                if (signed) numbers.Add(-middle);
            }
        }

        numbers.Sort();
        values = Pinned(numbers);
        middles = Pinned([.. numbers.Zip(numbers.Skip(1), (a, b) => (a + b) / 2), float.PositiveInfinity]);
        for (int upper = 0; upper < firstCodes.Length; upper++)
        {
            int below = Array.BinarySearch(middles, Smallest(upper));
            firstCodes[upper] = (byte)(below < 0 ? ~below : below);
        }
    }

    /// <summary>Numbers of both signs: first moments.</summary>
    public static DynamicMap Signed { get; } = new(signed: true);

    /// <summary>Numbers from 0 on, twice as finely: second moments.</summary>
    public static DynamicMap Unsigned { get; } = new(signed: false);

    /// <summary>The numbers by their codes, ascending.</summary>
    public ReadOnlySpan<float> Values => values;

    /// <summary>values[i] = the number of codes[i].</summary>
    public void Decode(byte* codes, float* decoded, int count)
    {
        float* numbers = Pointer(values);
        for (int i = 0; i < count; i++) decoded[i] = numbers[codes[i]];
    }

    /// <summary>codes[i] = the code of the nearest number to numbers[i], which are in [−1, 1]; between two the smaller.</summary>
    public void Encode(float* numbers, byte* codes, int count)
    {
        byte* first = Pointer(firstCodes);
        float* above = Pointer(middles);
        for (int i = 0; i < count; i++)
        {
            // Floats with the same upper half lie so close that at most one middle is between them.
            int code = first[BitConverter.SingleToUInt32Bits(numbers[i]) >> 16];
            codes[i] = (byte)(code + (numbers[i] > above[code] ? 1 : 0));
        }
    }

    private static float[] Pinned(List<float> numbers)
    {
        float[] array = GC.AllocateUninitializedArray<float>(numbers.Count, pinned: true);
        numbers.CopyTo(array);
        return array;
    }

    private static T* Pointer<T>(T[] pinned)
        where T : unmanaged => (T*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);

    /// <summary>The smallest of the floats that share an upper half: the negative ones grow with their lower half.</summary>
    private static float Smallest(int upper) => BitConverter.UInt32BitsToSingle(((uint)upper << 16) | (upper >= 1 << 15 ? 0xFFFFu : 0));
}
