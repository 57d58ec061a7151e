using Caravan.Tensors;

namespace Caravan.Inference;

/// <summary>Something else that a model computes on the thread that steps its engine; see <see cref="Engine.Between"/>.</summary>
internal abstract class SideWork
{
    /// <summary>Computes it; fails nobody but who asked.</summary>
    public abstract void Run(Pass pass);

    /// <summary>Tells who asked that it will not be computed.</summary>
    public abstract void Fail(CaravanException failure);
}

/// <summary>The same with its result.</summary>
internal sealed class SideWork<T>(Func<Pass, T> compute) : SideWork
{
    private readonly TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What comes of it.</summary>
    public Task<T> Result => result.Task;

    public override void Run(Pass pass)
    {
        try
        {
            result.TrySetResult(compute(pass));
        }
        catch (Exception exception)
        {
            result.TrySetException(exception);
        }
        finally
        {
            pass.Reset();
        }
    }

    public override void Fail(CaravanException failure) => result.TrySetException(failure);
}
