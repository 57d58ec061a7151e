namespace Caravan.Kernels;

/// <summary>The two factors of an <see cref="Accumulation{TLanes, TOperands}"/>, which it asks for block by block.</summary>
internal unsafe interface IOperands
{
    /// <summary>Floats that <see cref="PackRight"/> needs for so many steps and columns.</summary>
    static abstract long ScratchFloats(long steps, long columns);

    /// <summary>Packs the left factor's rows and steps into slivers of a tile's rows.</summary>
    void PackLeft(long row, long rows, long step, long steps, float* packed, long sliverFloats);

    /// <summary>Packs the right factor's steps and columns into slivers of a tile's columns.</summary>
    void PackRight(long column, long columns, long step, long steps, float* packed, long sliverFloats, float* scratch);
}
