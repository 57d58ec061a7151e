namespace Caravan.Kernels;

/// <summary>
/// How one dtype lays real numbers out in bytes. Implemented by empty structs so that kernels generic over a format compile once per
/// format with every call inlined. Plain types are formats whose blocks hold one element.
/// Counts are in elements and must fill whole blocks; pointers need no alignment; the caller has checked lengths and values.
/// </summary>
internal unsafe interface IBlockFormat
{
    /// <summary>The dtype this format stores.</summary>
    static abstract DType DType { get; }

    /// <summary>Elements that share one block.</summary>
    static abstract int BlockElements { get; }

    /// <summary>Bytes of one block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>
    /// Encodes one row of <paramref name="elements"/> finite floats. <paramref name="importance"/> is null or one non-negative weight
    /// per element of the row: the squared error of that element counts so much when scales are chosen.
    /// Block types without a search (Q8_0, NF4) and plain types do not look at it.
    /// </summary>
    static abstract void Encode(float* source, byte* blocks, long elements, float* importance);

    /// <summary>Decodes whole blocks to floats, with vectors where that pays; bit for bit what <see cref="DecodeScalar"/> gives.</summary>
    static abstract void Decode(byte* blocks, float* destination, long elements);

    /// <summary>Decodes whole blocks element by element: the definition of the format.</summary>
    static abstract void DecodeScalar(byte* blocks, float* destination, long elements);

    /// <summary>The dot product of whole blocks with float activations.</summary>
    static abstract float Dot(byte* blocks, float* activations, long elements);

    /// <summary>Whether <see cref="Load"/> exists: kernels then read the blocks where they lie, else they decode them to memory first.</summary>
    static virtual bool Streams => false;

    /// <summary>As many elements as a register holds, converted in it; bit for bit what <see cref="DecodeScalar"/> gives.</summary>
    static virtual TLanes Load<TLanes>(byte* blocks)
        where TLanes : unmanaged, ILanes<TLanes> => throw new NotSupportedException();
}
