using System.CommandLine;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Pipeline;

namespace MacRunners.Fleet.Commands;

/// <summary>How a step's verb ended.</summary>
internal sealed record StepEnd(int ExitCode, string Detail, string? Image);

/// <summary>A verb that is a step of the pipeline: with <c>--record</c> it notes how it ended, and takes the image from there.</summary>
internal sealed class StepVerb(FleetContext context, string step)
{
    private readonly Argument<string?> _image = new("IMAGE") { Description = "Name of the image (otherwise that of --record).", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _record = new("--record") { Description = "File with one JSON line for each step of this image's run: read for the image's name, appended to." };

    /// <summary>Makes a verb of it.</summary>
    public Command Create(string name, string description, bool takesImage, Func<ParseResult, CancellationToken, Task<StepEnd>> action)
    {
        var command = new Command(name, description) { _record };
        if (takesImage)
        {
            command.Arguments.Add(_image);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            var start = context.Time.GetTimestamp();
            try
            {
                var end = await action(parsed, cancellation);
                Add(parsed, start, end.ExitCode == ExitCodes.Success ? StepOutcome.Passed : StepOutcome.Failed, end.Detail, end.Image);
                return end.ExitCode;
            }
            catch (Exception e) when (e is OperationCanceledException || FleetCommandLine.Code(e) is not null)
            {
                Add(parsed, start, StepOutcome.Failed, e is OperationCanceledException ? "interrupted" : e.Message, image: null);
                throw;
            }
        });
        return command;
    }

    /// <summary>The image to work on.</summary>
    /// <exception cref="InvalidDataException">None is named.</exception>
    /// <exception cref="FormatException">Its name is not one of ours.</exception>
    public ImageName Image(ParseResult parsed) => ImageName.Parse(
        parsed.GetValue(_image) ?? Record(parsed)?.Image ?? throw new InvalidDataException("Which image? Name it, or give --record with the file that `image build` wrote to."));

    /// <summary>Notes a VM before it is ordered.</summary>
    public void NoteVm(ParseResult parsed, string name, string inNamespace) => Record(parsed)?.AddVm(new RecordedVm(name, inNamespace));

    private RunRecord? Record(ParseResult parsed) => parsed.GetValue(_record) is { } path ? new RunRecord(path) : null;

    private void Add(ParseResult parsed, long start, StepOutcome outcome, string detail, string? image) =>
        Record(parsed)?.Add(new StepResult(step, outcome, Math.Round(context.Time.GetElapsedTime(start).TotalSeconds, 1), detail, image));
}
