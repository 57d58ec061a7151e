namespace Caravan.Models;

/// <summary>How adapters of some kinds lie in files: what stands in <c>adapter_config.json</c> and in the tensors' file.</summary>
internal abstract class PeftForm
{
    /// <summary>Every form.</summary>
    public static IReadOnlyList<PeftForm> All { get; } = [new LinearPeftForm(), new PromptPeftForm(), new AdaptionPeftForm()];

    /// <summary>Values of <c>peft_type</c> that it reads.</summary>
    public abstract IReadOnlyList<string> Types { get; }

    /// <summary>Whether it writes an adapter.</summary>
    public abstract bool Holds(Adapter adapter);

    /// <summary>Reads what the adapter has learnt.</summary>
    /// <exception cref="CaravanException">Something is missing, or was made for another model.</exception>
    public abstract void Read(PeftReader file, Adapter adapter);

    /// <summary>Says what is to be written.</summary>
    /// <exception cref="CaravanException">The layout has no words for it.</exception>
    public abstract void Write(Adapter adapter, Model model, PeftDocument document);
}
