using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>Where operators run: a pool of threads and the kernels for one instruction set.</summary>
internal sealed class Device : IDisposable
{
    /// <summary>A device of <paramref name="threads"/> threads.</summary>
    /// <param name="threads">At least 1; 0 means one for each physical core.</param>
    /// <param name="instructionSet">The kernels' width; null means the widest this processor has.</param>
    /// <param name="precision">How activations meet quantized weights in passes without a tape; with one the pass says.</param>
    /// <exception cref="CaravanException">This processor has not got the instruction set.</exception>
    public Device(int threads = 0, InstructionSet? instructionSet = null, ActivationPrecision precision = ActivationPrecision.Exact)
    {
        Precision = precision;
        InstructionSet = instructionSet ?? Cpu.Best;
        WorkerPool workers = new(threads);
        try
        {
            Kernels = KernelSet.For(InstructionSet, workers);
        }
        catch
        {
            workers.Dispose();
            throw;
        }
    }

    /// <summary>The width in use.</summary>
    public InstructionSet InstructionSet { get; }

    /// <summary>How activations meet quantized weights in passes without a tape.</summary>
    public ActivationPrecision Precision { get; }

    /// <summary>The kernels, which hold the threads.</summary>
    public KernelSet Kernels { get; }

    /// <summary>Number of threads that share the work.</summary>
    public int Threads => Kernels.Workers.Workers;

    /// <summary>Stops the threads.</summary>
    public void Dispose()
    {
        Kernels.Workers.Dispose();
        Kernels.Dispose();
    }
}
