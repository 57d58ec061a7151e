namespace Caravan.Kernels;

/// <summary>Rows of activations that a kernel takes at once, as a constant that the compiler sees.</summary>
internal interface IRowCount
{
    static abstract int Count { get; }
}

/// <summary>One row.</summary>
internal readonly struct One : IRowCount
{
    public static int Count => 1;
}

/// <summary>Two rows.</summary>
internal readonly struct Two : IRowCount
{
    public static int Count => 2;
}

/// <summary>Four rows.</summary>
internal readonly struct Four : IRowCount
{
    public static int Count => 4;
}
