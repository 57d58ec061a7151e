using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Weights;

/// <summary>Runs a model over windows of a text, one at a time, without pages.</summary>
/// <param name="model">Stays the caller's, and so does the device.</param>
/// <param name="device">Where it runs.</param>
/// <param name="observer">Told of every linear layer, see <see cref="Pass.LinearObserver"/>; null for nobody.</param>
internal sealed class WindowPass(Model model, Device device, Action<Tensor, Tensor>? observer = null) : IDisposable
{
    private readonly Pass pass = new(device) { LinearObserver = observer };
    private readonly Batch batch = new();
    private readonly int vocabulary = model.Decoder.Spec.VocabularySize;
    private NativeSpan<float> logits;

    /// <summary>The device for a reading.</summary>
    public static Device DeviceFor(TextOptions options) => new(options.Threads, options.InstructionSet, options.Precision);

    /// <summary>Reads a whole window and predicts nothing.</summary>
    public void Read(TextWindow window)
    {
        Begin();
        batch.AddSequence(window.Tokens, LogitRows.None);
        model.Decoder.Forward(pass, batch);
    }

    /// <summary>Predicts the scored tokens of a window; <see cref="LogitsOf"/> has the numbers until the next window.</summary>
    public void Predict(TextWindow window)
    {
        Begin();
        batch.AddSequence(window.Tokens.AsSpan(0, window.Tokens.Length - 1), firstLogitRow: window.Scored - 1);
        logits = model.Decoder.Forward(pass, batch)!.Floats;
    }

    /// <summary>The logits [V] of a scored token, counted from the first.</summary>
    public ReadOnlySpan<float> LogitsOf(int scored) => logits.AsSpan((long)scored * vocabulary, vocabulary);

    /// <summary>Frees the workspace.</summary>
    public void Dispose() => pass.Dispose();

    private void Begin()
    {
        pass.Reset();
        batch.Clear();
    }
}
