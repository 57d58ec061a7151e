namespace Caravan.Kernels;

/// <summary>
/// A register of floats of some width. Kernels are written once over <typeparamref name="TSelf"/> and compiled for every width;
/// <see cref="Lanes1"/> is the scalar reference.
/// </summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    /// <summary>Floats per register.</summary>
    static abstract int Count { get; }

    static abstract TSelf Broadcast(float value);

    static abstract TSelf Load(float* source);

    /// <summary>Loads binary16 and converts, exactly.</summary>
    static abstract TSelf LoadF16(ushort* source);

    /// <summary>Loads bfloat16 and converts, exactly.</summary>
    static abstract TSelf LoadBF16(ushort* source);

    static abstract void Store(TSelf value, float* destination);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>left · right + addend, fused where the hardware fuses.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>
    /// sum += left · right, bit for bit as <see cref="MultiplyAdd"/>. In place, because .NET 10 otherwise copies a register for every product
    /// whose factor is not used again.
    /// </summary>
    static abstract void AddProduct(ref TSelf sum, TSelf left, TSelf right);

    /// <summary>The larger of each pair; NaN where either is NaN.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>The larger of each pair, where <paramref name="left"/> is no NaN: a NaN of <paramref name="right"/> stays. Cheaper than <see cref="Max"/>.</summary>
    static abstract TSelf MaxOf(TSelf left, TSelf right);

    /// <summary>The smaller of each pair; NaN where either is NaN.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    static abstract TSelf Exp(TSelf value);

    static abstract TSelf Sqrt(TSelf value);

    /// <summary>
    /// 2ⁿ, where n + 127 stands in the lowest 9 bits of each float: what adding 1.5 · 2²³ + 127 to a float near the integer n leaves there.
    /// 0 for n = −127.
    /// </summary>
    static abstract TSelf PowerOfTwo(TSelf shifted);

    /// <summary>IEEE 754 binary16 to floats, exactly.</summary>
    static abstract TSelf LoadHalves(ushort* source);

    /// <summary>Signed bytes to floats.</summary>
    static abstract TSelf LoadBytes(sbyte* source);

    /// <summary>The sum of all lanes by pairs: lane 0 meets lane 1, lane 2 meets lane 3, then those sums meet by pairs, and so on.</summary>
    static abstract float Sum(TSelf value);

    /// <summary>Four <see cref="Sum"/>, bit for bit, stored side by side.</summary>
    static abstract void StoreSums(TSelf first, TSelf second, TSelf third, TSelf fourth, float* destination);

    /// <summary>
    /// destination[j · destinationStride + i] = source[i · sourceStride + j] for i and j below Count; stores whole registers, j ascending.
    /// </summary>
    static abstract void Transpose(float* source, long sourceStride, float* destination, long destinationStride);

    /// <summary>The largest lane; any number where one is NaN.</summary>
    static abstract float MaxAcross(TSelf value);
}
