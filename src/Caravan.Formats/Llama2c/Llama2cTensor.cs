using System.Collections.Immutable;

namespace Caravan.Formats;

/// <summary>One row of a llama2.c checkpoint's fixed order: what lies next in the file.</summary>
/// <param name="Name">llama.cpp's name for the tensor; null for the rotary tables of version 0, which are skipped.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Grouped">Stored as int8 values followed by one float32 scale per group (matrices of version 2).</param>
internal readonly record struct Llama2cTensor(string? Name, ImmutableArray<long> Shape, bool Grouped)
{
    /// <summary>Number of elements; the header's limits keep it at most 2^44.</summary>
    public long Elements => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Bytes in the file.</summary>
    public long Bytes(int groupSize) => Grouped ? Elements + (Elements / groupSize * sizeof(float)) : Elements * sizeof(float);
}
