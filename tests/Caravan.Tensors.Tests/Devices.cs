using Caravan.Kernels;

namespace Caravan.Tensors.Tests;

/// <summary>A device of every instruction set with 1, 2 and 5 threads.</summary>
public sealed class Devices : IDisposable
{
    private static readonly int[] Threads = [1, 2, 5];

    internal IReadOnlyList<Device> All { get; } =
        [.. Cpu.Supported.SelectMany(set => Threads.Select(threads => new Device(threads, set)))];

    internal static string Describe(Device device) => $"{device.InstructionSet} with {device.Threads} threads";

    public void Dispose()
    {
        foreach (Device device in All) device.Dispose();
    }
}
