namespace Caravan.Kernels.Tests;

/// <summary>Unmanaged memory for tests.</summary>
internal static class Native
{
    /// <summary>A buffer that holds a copy of <paramref name="values"/>.</summary>
    public static NativeBuffer Copy<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        NativeBuffer buffer = new((long)values.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        values.CopyTo(buffer.Bytes.Cast<T>().AsSpan());
        return buffer;
    }
}
