using System.Text;
using System.Text.Json;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>The texts of samples as a model will see them, for a vocabulary to be learnt from.</summary>
/// <param name="files">The samples.</param>
/// <param name="template">Writes conversations.</param>
internal sealed class LearningTexts(SampleFiles files, ChatTemplate template)
{
    /// <summary>How many were read.</summary>
    public long Count { get; private set; }

    /// <summary>How long they are together in UTF-8.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads them one after another.</summary>
    /// <exception cref="CaravanException">While they are drawn: a file is broken, or the template refuses a conversation.</exception>
    public IEnumerable<string> Read(CancellationToken cancellation = default)
    {
        foreach (Sample sample in files.Samples(progress: null, cancellation))
        {
            string text = sample is ConversationSample conversation ? Written(conversation) : string.Join('\n', sample.Texts.Select(part => part.Text));
            Count++;
            Bytes += Encoding.UTF8.GetByteCount(text);
            yield return text;
        }
    }

    private string Written(ConversationSample sample) => template.Render(new ChatInput
    {
        Messages = JsonSerializer.SerializeToElement(sample.Messages),
        Tools = sample.Tools is null ? null : JsonSerializer.SerializeToElement(sample.Tools),
        AddGenerationPrompt = false,
    });
}
